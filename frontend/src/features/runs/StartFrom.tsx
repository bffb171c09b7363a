import { Radio, Select, Stack, Text } from "@mantine/core";
import type { Model, System } from "@/api/types";
import { TextLink } from "@/components/ButtonLink";
import { projectPath } from "@/lib/paths";
import { type RunForm, startFrom } from "./form";
import { methodsFor } from "./suits";

const FRESH = "";

type Props = {
  projectId: string;
  bases: readonly Model[];
  base: Model | undefined;
  system: System;
  method: string;
  /** Whether values are learned, not labels. */
  regression: boolean;
  onChange: (change: Partial<RunForm>) => void;
};

/** A fresh network, or a model that has learned already; and how much of that model is trained on. */
export function StartFrom({ projectId, bases, base, system, method, regression, onChange }: Props) {
  const methods = methodsFor(base, system);
  const choose = (id: string | null) => {
    const next = bases.find((model) => model.id === id);
    // What was changed for one network says nothing of another.
    onChange({ ...startFrom(next, system), options: {}, preset: null });
  };
  return (
    <Stack>
      <Select
        label="Start from"
        description="A model that has learned from many ECGs needs fewer of yours, and less time, to learn what your table says."
        data={[
          { group: "New", items: [{ value: FRESH, label: "A fresh network" }] },
          ...(bases.length > 0
            ? [{ group: "Fine-tune a model", items: bases.map(({ id, name }) => ({ value: id, label: name })) }]
            : []),
        ]}
        value={base?.id ?? FRESH}
        allowDeselect={false}
        onChange={choose}
      />
      {bases.length === 0 && (
        <Text size="sm" c="dimmed">
          There is no model to fine-tune yet. A colleague’s can be taken in under{" "}
          <TextLink to={projectPath(projectId, "models")}>Models</TextLink>.
        </Text>
      )}
      {base && (
        <>
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            The base model {base.task === "regression" ? "estimates" : "tells"} {base.labels.slice(0, 8).join(", ")}
            {base.labels.length > 8 ? " …" : ""}.{" "}
            {(base.task === "regression") === regression
              ? `What it knows of ${regression ? "values" : "labels"} that yours share with it is kept.`
              : `Its last layer is replaced by one for your ${regression ? "values" : "labels"}; what the layers before it have learned is kept.`}
          </Text>
          <Radio.Group
            label="Method"
            description="How much of the base model is trained on."
            value={method}
            onChange={(name) => onChange({ method: name })}
          >
            <Stack gap="xs" mt="xs">
              {methods.map(({ name, title, help }) => (
                <Radio key={name} value={name} label={title} description={help} />
              ))}
            </Stack>
          </Radio.Group>
        </>
      )}
    </Stack>
  );
}
