// A GPU with subgroup matrices of any shape, on an adapter without them: shaders that use them are rewritten to plain loops over subgroups of 32
// invocations. What is tried with it is the engine's own code, for shapes that no software device has.
import type { Gpu } from "../../src/train/engines/webgpu/adapter.ts";
import type { MatrixShape } from "../../src/train/engines/webgpu/kernels/multiply-matrices.ts";
import { matrixFeatures } from "../../src/train/engines/webgpu/matrix-units.ts";

const subgroupSize = 32;

export interface EmulatedDevice {
  readonly gpu: Gpu;
  /** Shaders with subgroup matrices so far. */
  readonly rewritten: () => number;
}

/** largest: of the device's subgroups, which in fact have 32 invocations. wrong: one value of each result is twice what it should be. */
export function emulateMatrices(
  { adapter, language }: Gpu,
  shape: MatrixShape,
  options: { largest?: number; wrong?: true } = {},
): EmulatedDevice {
  let rewritten = 0;
  const { vendor, architecture, device, description } = adapter.info;
  const emulated = {
    features: new Set([...adapter.features, ...matrixFeatures]),
    limits: adapter.limits,
    info: {
      vendor,
      architecture,
      device,
      description,
      isFallbackAdapter: true,
      subgroupMinSize: subgroupSize,
      subgroupMaxSize: options.largest ?? subgroupSize,
      subgroupMatrixConfigs: [{ componentType: shape.component, resultComponentType: "f32", M: shape.m, N: shape.n, K: shape.k }],
    },
    async requestDevice({ requiredFeatures = [], ...rest }: GPUDeviceDescriptor) {
      const offered = [...requiredFeatures].filter((feature) => adapter.features.has(feature));
      const made = await adapter.requestDevice({ ...rest, requiredFeatures: offered });
      const createShaderModule = made.createShaderModule.bind(made);
      made.createShaderModule = (descriptor) => {
        if (!descriptor.code.includes("subgroup_matrix")) return createShaderModule(descriptor);
        rewritten++;
        return createShaderModule({ ...descriptor, code: withoutMatrices(descriptor.code, shape, options.wrong === true) });
      };
      return made;
    },
  };
  return { gpu: { adapter: emulated as unknown as GPUAdapter, language }, rewritten: () => rewritten };
}

function withoutMatrices(code: string, { component, m, n, k }: MatrixShape, wrong: boolean): string {
  const values = (m * n) / subgroupSize;
  // A factor is where it lies: offset, and the steps to the next row and column. Of results each invocation has every 32nd value.
  const functions = `var<private> laneOfMatrix: u32;
alias Factor = vec3u;
alias Results = array<f32, ${values}>;
fn multiplyAdd(left: Factor, right: Factor, sums: Results) -> Results {
  var values = sums;
  for (var i = 0u; i < ${values}u; i++) {
    let at = i * ${subgroupSize}u + laneOfMatrix;
    for (var j = 0u; j < ${k}u; j++) {
      values[i] += leftTile[left.x + (at / ${n}u) * left.y + j * left.z] * rightTile[right.x + j * right.y + (at % ${n}u) * right.z];
    }
  }
  return values;
}
fn storeResults(offset: u32, sums: Results, stride: u32) {
  var values = sums;
  for (var i = 0u; i < ${values}u; i++) {
    let at = i * ${subgroupSize}u + laneOfMatrix;
    results[offset + (at / ${n}u) * stride + at % ${n}u] = values[i]${wrong ? " * select(1.0, 2.0, at == 1u)" : ""};
  }
}
fn row_major(offset: u32, stride: u32) -> Factor { return vec3u(offset, stride, 1u); }
fn col_major(offset: u32, stride: u32) -> Factor { return vec3u(offset, 1u, stride); }
`;
  let rest = code
    .replace("enable f16;", "")
    .replace("enable chromium_experimental_subgroup_matrix;", "")
    .replaceAll("array<f16,", "array<f32,")
    .replaceAll("vec4h()", "vec4f()")
    .replaceAll("vec4h(", "quantizeToF16(")
    .replaceAll(`subgroup_matrix_result<f32, ${n}, ${m}>()`, "Results()");
  for (const [kind, columns, rows, tile] of [
    ["left", k, m, "leftTile"],
    ["right", n, k, "rightTile"],
  ]) {
    for (const order of ["row_major", "col_major"]) {
      rest = rest.replaceAll(
        `subgroupMatrixLoad<subgroup_matrix_${kind}<${component}, ${columns}, ${rows}>, ${order}>(&${tile}, `,
        `${order}(`,
      );
    }
  }
  return rest
    .replaceAll("subgroupMatrixMultiplyAccumulate(", "multiplyAdd(")
    .replaceAll("subgroupMatrixStore<row_major>(&results, ", "storeResults(")
    .replace("@builtin(subgroup_id) subgroupOf: u32", "@builtin(subgroup_id) realSubgroup: u32")
    .replace("subgroup = subgroupOf;", "")
    .replace("@compute", `${functions}@compute`)
    .replace(/(fn main\([^{]*\{)/, `$1\n  let subgroupOf = thread / ${subgroupSize}u;\n  laneOfMatrix = thread % ${subgroupSize}u;`);
}
