import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { areStored, type StoredImages } from '../../data/storedImages.ts';

/**
 * Gives the memory behind an array, which must not be shared, back at once; the array is empty afterwards. The garbage
 * collector would do so at a time of its own choosing, and not while anything still refers to the array. What is not in memory
 * stays where it is.
 */
export async function release(images: Uint8Array | StoredImages): Promise<void> {
  if (areStored(images)) return;
  const { port1, port2 } = new MessageChannel();
  port1.ref(); // The process must not end while it waits.
  port2.close();
  await once(port1, 'close');
  // A message that nobody can receive is thrown away, and with it the buffer, which has been moved into it.
  port1.postMessage(undefined, [images.buffer as ArrayBuffer]);
}
