/** MNIST and datasets of the same form, as they are published. */
import { hasIdxFiles } from './idx.ts';
import type { PublishedFile, PublishedSet } from './published.ts';

/** The digits (LeCun, Cortes and Burges). */
export const mnistClassNames: readonly string[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** The articles of Fashion-MNIST (Xiao, Rasul and Vollgraf 2017). */
export const fashionMnistClassNames: readonly string[] = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];

/** Height and width of an image; it is grey. */
export const mnistSide = 28;

export const mnist: PublishedSet = idxSet({
  name: 'mnist',
  title: 'MNIST',
  subfolders: ['MNIST/raw'],
  base: 'https://storage.googleapis.com/cvdf-datasets/mnist/',
  files: [
    [
      'train-images-idx3-ubyte.gz',
      9_912_422,
      '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
    ],
    [
      'train-labels-idx1-ubyte.gz',
      28_881,
      '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
    ],
    [
      't10k-images-idx3-ubyte.gz',
      1_648_877,
      '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
    ],
    ['t10k-labels-idx1-ubyte.gz', 4_542, 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6'],
  ],
});

export const fashionMnist: PublishedSet = idxSet({
  name: 'fashion-mnist',
  title: 'Fashion-MNIST',
  subfolders: ['FashionMNIST/raw'],
  base: 'https://storage.googleapis.com/tensorflow/tf-keras-datasets/',
  files: [
    [
      'train-images-idx3-ubyte.gz',
      26_421_880,
      '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
    ],
    [
      'train-labels-idx1-ubyte.gz',
      29_515,
      'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
    ],
    [
      't10k-images-idx3-ubyte.gz',
      4_422_102,
      '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
    ],
    ['t10k-labels-idx1-ubyte.gz', 5_148, '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5'],
  ],
});

function idxSet(set: {
  readonly name: string;
  readonly title: string;
  readonly subfolders: readonly string[];
  readonly base: string;
  readonly files: readonly (readonly [name: string, bytes: number, sha256: string])[];
}): PublishedSet {
  const { name, title, subfolders, base } = set;
  const downloads = set.files.map(([file, bytes, sha256]): PublishedFile => ({
    name: file,
    url: `${base}${file}`,
    bytes,
    sha256,
  }));
  const files = set.files.map(([file]) => file);
  return { name, title, folder: name, subfolders, files, downloads, isIn: hasIdxFiles };
}
