import { t } from "@lingui/core/macro";
import { Textarea } from "@mantine/core";

/** The field for what a project is about. */
export function Description({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <Textarea
      label={t`Description`}
      description={t`The recordings and the question of the project (optional).`}
      autosize
      minRows={2}
      maxLength={10_000}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
