/** What the camera shows, live. */
import { LiveAnswer } from '../page/liveAnswer.ts';
import type { Connection } from './connection.ts';

/** Shows what the page's network says about it. It is asked for when the button is pressed, and let go when it is stopped. */
export function showCamera(connection: Promise<Connection>): void {
  new LiveAnswer(async () => {
    const { classifier, description } = await connection;
    const [height, width] = description.inputShape;
    const { classNames } = description;
    return { classNames, height, width, classify: (frame) => classifier.classifyFrame(frame) };
  });
}
