// Safetensors, the format of model weights: a header of JSON, then the tensors' bytes one behind the other, little-endian.
export { openSafetensors, type TensorFiles } from "./safetensors-reader.ts";
export type { Dtype, TensorEntry } from "./safetensors-header.ts";
export {
  type StoredDtype,
  type TensorToWrite,
  type WriteTensorsOptions,
  writeSafetensors,
  type WrittenFile,
} from "./safetensors-writer.ts";
