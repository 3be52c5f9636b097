/** Files of models that are not read, and what to do with them instead. */

interface Unreadable {
  /** What such a file is. */
  readonly what: string;
  readonly remedy: string;
  readonly recognise: (bytes: Uint8Array, fileName: string) => boolean;
}

/** Where the name of a zip file's first entry begins, and how much of it is looked at. */
const NAME_AT = 30;
const NAME_BYTES = 300;

const UNREADABLE: readonly Unreadable[] = [
  {
    what: 'a pickle of PyTorch, which can run programs and so is not read',
    remedy:
      'save the weights by safetensors.torch.save_file(model.state_dict(), "model.safetensors"), or the whole model by torch.onnx.export',
    recognise: (bytes) => isPickle(bytes) || firstEntry(bytes).includes('/data.pkl'),
  },
  {
    what: 'a graph of TensorFlow',
    remedy: 'save the model by model.save("model.keras"), or convert it to ONNX',
    // Its first byte is that of ONNX.
    recognise: (_, fileName) => fileName.endsWith('.pb'),
  },
  {
    what: 'a model of TensorFlow Lite',
    remedy: 'take the model that it was made of',
    recognise: (bytes) => textOf(bytes.subarray(4, 8)) === 'TFL3',
  },
];

/** Why a file is not read, and what would be, as a sentence; undefined if it is of none of these kinds. */
export function whyUnreadable(bytes: Uint8Array, fileName: string): string | undefined {
  const found = UNREADABLE.find(({ recognise }) => recognise(bytes, fileName));
  return found && `${fileName} is ${found.what}: ${found.remedy}.`;
}

/** Protocol 2 or later. The length that safetensors begin with may begin likewise, but it is of 8 bytes, and small. */
function isPickle(bytes: Uint8Array): boolean {
  return (
    bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5 && bytes.subarray(4, 8).some((byte) => byte !== 0)
  );
}

function firstEntry(bytes: Uint8Array): string {
  const isZip = textOf(bytes.subarray(0, 4)) === 'PK\x03\x04';
  return isZip ? textOf(bytes.subarray(NAME_AT, NAME_AT + NAME_BYTES)) : '';
}

function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
