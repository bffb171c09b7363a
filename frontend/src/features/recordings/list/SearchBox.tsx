import { t } from "@lingui/core/macro";
import { CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";
import { Icon } from "@/components/icons";

/** Searches as one types, a moment after the last letter. */
export function SearchBox({ initial, onSearch }: { initial: string; onSearch: (text: string) => void }) {
  const [text, setText] = useState(initial);
  const later = useDebouncedCallback(onSearch, 300);
  const set = (value: string) => {
    setText(value);
    later(value);
  };
  return (
    <TextInput
      label={t`Search`}
      placeholder={t`File name, patient or label`}
      leftSection={<Icon name="search" size={16} />}
      rightSection={text ? <CloseButton size="sm" aria-label={t`Clear the search`} onClick={() => set("")} /> : null}
      value={text}
      onChange={(event) => set(event.currentTarget.value)}
      style={{ flex: "1 1 220px", maxWidth: 360 }}
    />
  );
}
