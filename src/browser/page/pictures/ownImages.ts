/** Has one's own pictures be what is trained on. */
import { untrainable } from '../../pictures/trainable.ts';
import type { Unfinished } from '../../protocol.ts';
import type { Settings } from '../../settings.ts';
import type { Context } from '../context.ts';
import type { DataView } from '../dataView.ts';
import { say, PageError, showError } from '../notice.ts';
import type { OwnClasses } from './ownClasses.ts';

export class OwnImages {
  readonly #store: Context['store'];
  readonly #data: DataView;
  readonly #classes: OwnClasses;
  /** What was used last: of it nothing need be decoded again. */
  #used = '';

  constructor({ store }: Context, data: DataView, classes: OwnClasses) {
    this.#store = store;
    this.#data = data;
    this.#classes = classes;
  }

  /** Has them be what a training was begun with, if it was. @returns whether it can be gone on with; if not, it has been said why */
  async useFor({ dataset, settings, identity }: Unfinished): Promise<boolean> {
    if (dataset !== 'pictures') return true;
    if (!(await this.use(settings))) return false;
    if (this.#store.state.data?.identity === identity) return true;
    say('');
    showError(new PageError('The pictures are not those that it began with: forget it, and train anew.'));
    return false;
  }

  /** Has them decoded, if that has not been done. @returns whether they can be trained on; if not, it has been said why */
  async use({ imageSize }: Pick<Settings, 'imageSize'>): Promise<boolean> {
    const problem = untrainable(this.#classes.list);
    if (problem !== undefined) {
      showError(new PageError(problem));
      return false;
    }
    const wanted = `${this.#classes.version} ${imageSize}`;
    if (this.#store.state.data?.name === 'pictures' && wanted === this.#used) return true;
    say('Reading your pictures …');
    const classes = this.#classes.list.map(({ name, pictures }) => ({
      name,
      pictures: pictures.map((picture) => ({ name: picture.name, file: picture.blob })),
    }));
    if (!(await this.#data.usePictures(classes, imageSize))) {
      say('Your pictures could not be used.');
      return false;
    }
    this.#used = wanted;
    return true;
  }
}
