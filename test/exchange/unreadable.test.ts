import { expect, it } from 'vitest';
import { formatOf } from '../../src/exchange/format.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (each) => each.charCodeAt(0));

/** Of a zip file, what is in front of its first entry's name, and the name. */
const zipOf = (entry: string): Uint8Array => bytes(`PK\x03\x04${'\0'.repeat(26)}${entry}`);

it.each<[string, Uint8Array, string, RegExp]>([
  ['weights of torch.save', zipOf('archive/data.pkl'), 'w.pt', /^w\.pt is a pickle of PyTorch.*save_file/],
  ['the same by another name', zipOf('model/data.pkl'), 'w.keras', /^w\.keras is a pickle of PyTorch/],
  ['an older pickle', bytes('\x80\x02\x8a\x0al\xfc\x9cF'), 'w.bin', /is a pickle of PyTorch/],
  ['a SavedModel', bytes('\x08\x01'), 'saved_model.pb', /is a graph of TensorFlow: .*model\.keras/],
  ['a model of TensorFlow Lite', bytes('\x1c\0\0\0TFL3'), 'm.tflite', /is a model of TensorFlow Lite/],
])('%s is refused with what would be read', (_, content, fileName, message) => {
  expect(() => formatOf(content, fileName)).toThrow(message);
});

it('what is read is known by its bytes, whatever it is called', () => {
  expect(formatOf(zipOf('metadata.json'), 'model.pt')).toBe('keras');
  expect(formatOf(bytes('\x08\x08'), 'model.pth')).toBe('onnx');
  // Headers of 640 bytes.
  expect(formatOf(bytes('\x80\x02\0\0\0\0\0\0{'), 'model.safetensors')).toBe('pytorch');
});
