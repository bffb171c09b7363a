import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Accordion, Code, Stack, Text } from "@mantine/core";

const FORMS = [
  [
    t`One label per recording`,
    t`The simplest form. A third column may hold the ICD-10 code.`,
    t`file_name,label,ICD-10\nec001.hea,normal,Z03.5\nec002.hea,atrial fibrillation,I48.9`,
  ],
  [
    t`Several labels per recording`,
    t`In one cell, separated by semicolons. Each label is predicted independently.`,
    t`file_name,label\nec001.hea,normal\nec002.hea,atrial fibrillation;left bundle branch block`,
  ],
  [
    t`One column per label`,
    t`1 if the label applies, 0 if it does not.`,
    t`file_name,normal,atrial fibrillation\nec001.hea,1,0\nec002.hea,0,1`,
  ],
  [
    t`Values instead of labels`,
    t`For numerical measurements: a column “value”, or one column “value:name (unit)” for each. The model learns to estimate the values (regression). Empty cells are missing values.`,
    t`file_name,value:LVEF (%),value:age (years)\nec001.hea,55,61\nec002.hea,,48`,
  ],
  [
    t`With patients and a split of your own`,
    t`“patient_id” keeps all recordings of a patient in the same part. “split” (train, validation, test) or “fold” (numbers) defines which recordings are used for training and testing.`,
    t`file_name,label,patient_id,fold\nec001.hea,normal,p17,1\nec002.hea,atrial fibrillation,p18,10`,
  ],
] as const;

/** An example of each form of table that is understood. */
export function TableForms() {
  return (
    <Accordion variant="contained" chevronPosition="left">
      <Accordion.Item value="forms">
        <Accordion.Control>
          <Trans>Table formats</Trans>
        </Accordion.Control>
        <Accordion.Panel>
          <Stack gap="md">
            {FORMS.map(([title, text, example]) => (
              <Stack gap={4} key={title}>
                <Text fw={600} size="sm">
                  {title}
                </Text>
                <Text size="sm">{text}</Text>
                <Code block tabIndex={0} aria-label={t`Example: ${title}`}>
                  {example}
                </Code>
              </Stack>
            ))}
            <Text size="sm" c="dimmed">
              <Trans>
                Any other table is fine as well, such as that of a published data set: after the upload you choose what
                its columns mean. CSV (commas, semicolons or tabs), Excel, Parquet and NumPy are read. File names may be
                given with or without folder and extension.
              </Trans>
            </Text>
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}
