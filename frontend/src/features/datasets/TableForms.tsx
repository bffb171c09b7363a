import { Accordion, Code, Stack, Text } from "@mantine/core";

const FORMS = [
  [
    "One label for each recording",
    "The simplest form. A third column may hold the ICD-10 code.",
    "file_name,label,ICD-10\nec001.hea,normal,Z03.5\nec002.hea,atrial fibrillation,I48.9",
  ],
  [
    "Several labels for a recording",
    "Put them into one cell, separated by a semicolon. Each label is then predicted for itself.",
    "file_name,label\nec001.hea,normal\nec002.hea,atrial fibrillation;left bundle branch block",
  ],
  [
    "One column for each label",
    "With 1 where the label applies and 0 where it does not.",
    "file_name,normal,atrial fibrillation\nec001.hea,1,0\nec002.hea,0,1",
  ],
  [
    "Values instead of labels",
    "For what is measured as a number: a column value, or one value: column each, named with its unit. A network then learns to estimate the values (a regression). An empty cell is not known.",
    "file_name,value:LVEF (%),value:age (years)\nec001.hea,55,61\nec002.hea,,48",
  ],
  [
    "With patients and your own split",
    "patient_id keeps all recordings of a patient in one part. split (train, validation, test) or fold (numbers) lets you decide what is trained on and what is tested.",
    "file_name,label,patient_id,fold\nec001.hea,normal,p17,1\nec002.hea,atrial fibrillation,p18,10",
  ],
] as const;

/** An example of each form of table that is understood. */
export function TableForms() {
  return (
    <Accordion variant="contained" chevronPosition="left">
      <Accordion.Item value="forms">
        <Accordion.Control>What the table may look like</Accordion.Control>
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
              Commas, semicolons or tabs between the columns are fine. A file name may be given with or without its
              folder and ending.
            </Text>
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}
