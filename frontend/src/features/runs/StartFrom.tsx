import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Radio, Select, Stack, Text } from "@mantine/core";
import type { Model, System } from "@/api/types";
import { TextLink } from "@/components/ButtonLink";
import { modelOptions } from "@/components/modelOptions";
import { projectPath } from "@/lib/paths";
import { type RunForm, startFrom } from "./form";
import { methodsFor } from "./settings-in-effect";

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

const newHead = (regression: boolean) =>
  regression
    ? t`Its last layer is replaced by one for your values; all other layers are kept.`
    : t`Its last layer is replaced by one for your labels; all other layers are kept.`;

const sameHead = (regression: boolean) =>
  regression
    ? t`For values that your table shares with it, its last layer is kept.`
    : t`For labels that your table shares with it, its last layer is kept.`;

/** What a base model predicts, and what becomes of its last layer. */
function reusedText(base: Model, regression: boolean): string {
  const labels = `${base.labels.slice(0, 8).join(", ")}${base.labels.length > 8 ? " …" : ""}`;
  const estimates = base.task === "regression";
  const kept = estimates === regression ? sameHead(regression) : newHead(regression);
  return estimates ? t`The base model estimates ${labels}. ${kept}` : t`The base model predicts ${labels}. ${kept}`;
}

/** A new model, or one to fine-tune; and how much of it is trained. */
export function StartFrom({ projectId, bases, base, system, method, regression, onChange }: Props) {
  const methods = methodsFor(base, system);
  const shipped = bases
    .filter(({ origin }) => origin === "shipped")
    .map(({ id, name }) => ({ value: id, label: name }));
  const others = bases.filter(({ origin }) => origin !== "shipped");
  const replaced = newHead(regression);
  const choose = (id: string | null) => {
    const next = bases.find((model) => model.id === id);
    // What was changed for one architecture does not hold for another.
    onChange({ ...startFrom(next, system), options: {}, preset: null, custom: null });
  };
  return (
    <Stack>
      <Select
        label={t`Start from`}
        description={t`Fine-tuning a model that was trained on many ECGs needs fewer recordings and less time than a new model.`}
        data={[
          { group: t`New`, items: [{ value: FRESH, label: t`A new, untrained model` }] },
          ...(shipped.length > 0 ? [{ group: t`Comes with the platform`, items: shipped }] : []),
          ...modelOptions(others, projectId),
        ]}
        value={base?.id ?? FRESH}
        allowDeselect={false}
        onChange={choose}
      />
      {bases.length === 0 && (
        <Text size="sm" c="dimmed">
          <Trans>
            There is no model to fine-tune yet. You can import one under{" "}
            <TextLink to={projectPath(projectId, "models")}>Models</TextLink>.
          </Trans>
        </Text>
      )}
      {base && (
        <>
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {base.origin === "shipped"
              ? t`This model was trained on many ECGs and predicts nothing by itself. ${replaced}`
              : reusedText(base, regression)}
          </Text>
          <Radio.Group
            label={t`Method`}
            description={t`Which layers of the base model are trained further.`}
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
