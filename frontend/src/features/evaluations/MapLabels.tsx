import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Select, SimpleGrid, Text } from "@mantine/core";
import type { Dataset, Model } from "@/api/types";
import { Note } from "@/components/Note";
import { Section } from "@/components/Page";

type Props = {
  model: Model;
  dataset: Dataset;
  mapped: Record<string, string>;
  onChange: (mapped: Record<string, string>) => void;
};

const NONE = t`not in this table`;

/** Which label of the table each label of the model is. What is written alike is found by itself. */
export function MapLabels({ model, dataset, mapped, onChange }: Props) {
  if ((model.task === "regression") !== (dataset.task === "regression")) {
    return (
      <Note tone="warn" title={t`This table does not fit the model`}>
        {model.task === "regression"
          ? t`The model predicts values, but the table holds labels. Choose another table.`
          : t`The model predicts labels, but the table holds values. Choose another table.`}
      </Note>
    );
  }
  const taken = (label: string) => mapped[label] ?? sameLabel(label, dataset.labels) ?? "";
  return (
    <Section title={t`Labels`}>
      <Text size="sm" maw={760}>
        <Trans>
          Each label that the model predicts, with its name in the table. A label that the table does not have is not
          evaluated; it does not count as absent.
        </Trans>
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }}>
        {model.labels.map((label) => (
          <Select
            key={label}
            label={label}
            data={[NONE, ...dataset.labels.filter((one) => one !== NONE)]}
            value={taken(label) || NONE}
            allowDeselect={false}
            searchable={dataset.labels.length > 8}
            onChange={(value) => value && onChange({ ...mapped, [label]: value === NONE ? "" : value })}
          />
        ))}
      </SimpleGrid>
    </Section>
  );
}

/** The label of a table that is written like one of the model, whatever its case. */
export function sameLabel(label: string, labels: readonly string[]): string | undefined {
  return labels.find((one) => one === label) ?? labels.find((one) => one.toLowerCase() === label.toLowerCase());
}
