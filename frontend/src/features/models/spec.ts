/** The parts of a model's specification that the page shows. The specification is JSON that travels with the model. */

type Spec = {
  /** Options of the architecture. */
  config: Record<string, unknown>;
  preprocessing: Record<string, unknown>;
  training: {
    seed?: unknown;
    created?: unknown;
    data_hash?: unknown;
    versions?: unknown;
    config?: Record<string, unknown>;
  };
};

export function readSpec(spec: Record<string, unknown>): Spec {
  return {
    config: asObject(spec.config),
    preprocessing: asObject(spec.preprocessing),
    training: asObject(spec.training) as Spec["training"],
  };
}

/** An object, or JSON text of one; anything else is an empty object. */
function asObject(value: unknown): Record<string, unknown> {
  if (typeof value === "string") {
    try {
      return asObject(JSON.parse(value));
    } catch {
      return {};
    }
  }
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
