import { Accordion, Code, Stack, Text } from "@mantine/core";

const FORMS = [
  [
    "One label per recording",
    "The simplest form. A third column may hold the ICD-10 code.",
    "file_name,label,ICD-10\nec001.hea,normal,Z03.5\nec002.hea,atrial fibrillation,I48.9",
  ],
  [
    "Several labels per recording",
    "In one cell, separated by semicolons. Each label is predicted independently.",
    "file_name,label\nec001.hea,normal\nec002.hea,atrial fibrillation;left bundle branch block",
  ],
  [
    "One column per label",
    "1 if the label applies, 0 if it does not.",
    "file_name,normal,atrial fibrillation\nec001.hea,1,0\nec002.hea,0,1",
  ],
  [
    "Values instead of labels",
    "For numerical measurements: a column “value”, or one column “value:name (unit)” for each. The model learns to estimate the values (regression). Empty cells are missing values.",
    "file_name,value:LVEF (%),value:age (years)\nec001.hea,55,61\nec002.hea,,48",
  ],
  [
    "With patients and a split of your own",
    "“patient_id” keeps all recordings of a patient in the same part. “split” (train, validation, test) or “fold” (numbers) defines which recordings are used for training and testing.",
    "file_name,label,patient_id,fold\nec001.hea,normal,p17,1\nec002.hea,atrial fibrillation,p18,10",
  ],
] as const;

/** An example of each form of table that is understood. */
export function TableForms() {
  return (
    <Accordion variant="contained" chevronPosition="left">
      <Accordion.Item value="forms">
        <Accordion.Control>Table formats</Accordion.Control>
        <Accordion.Panel>
          <Stack gap="md">
            {FORMS.map(([title, text, example]) => (
              <Stack gap={4} key={title}>
                <Text fw={600} size="sm">
                  {title}
                </Text>
                <Text size="sm">{text}</Text>
                <Code block tabIndex={0} aria-label={`Example: ${title}`}>
                  {example}
                </Code>
              </Stack>
            ))}
            <Text size="sm" c="dimmed">
              Any other table is fine as well, such as that of a published data set: after the upload you choose what
              its columns mean. CSV (commas, semicolons or tabs), Excel, Parquet and NumPy are read. File names may be
              given with or without folder and extension.
            </Text>
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}
