// Numbers that the WebGPU specification fixes (GPUBufferUsage, GPUMapMode, GPUShaderStage): in Node they are no globals.
export const usage = { mapRead: 1, copyFrom: 4, copyTo: 8, uniform: 64, storage: 128, queryResolve: 512 } as const;
export const mapForReading = 1;
export const computeStage = 4;
