import { Textarea } from "@mantine/core";

/** The field for what a project is about. */
export function Description({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <Textarea
      label="Description"
      description="What the recordings are and what you want to find out. You can leave this empty."
      autosize
      minRows={2}
      maxLength={10_000}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
