import { t } from "@lingui/core/macro";
import { Anchor, Checkbox, Collapse, PasswordInput, Radio, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { addExchange, changeExchange } from "@/api/exchanges";
import type { Exchange } from "@/api/types";
import { NameDialog } from "@/components/NameDialog";
import { exchangePath } from "@/lib/paths";

type Fields = {
  name: string;
  url: string;
  username: string;
  password: string;
  access: "read" | "read_write";
  certificate: string;
  plain_http: boolean;
};

const EMPTY: Fields = {
  name: "",
  url: "",
  username: "",
  password: "",
  access: "read",
  certificate: "",
  plain_http: false,
};

const fieldsOf = (known: Exchange | undefined): Fields =>
  known
    ? {
        ...EMPTY,
        name: known.name,
        url: known.url,
        username: known.username,
        access: known.access,
        certificate: known.certificate,
        plain_http: known.plain_http,
      }
    : EMPTY;

type Props = { open: boolean; onClose: () => void /** To be changed; else one is added. */; known?: Exchange };

/** The dialog that adds an exchange, or changes it. A password is sent and never comes back. */
export function ExchangeForm({ open, onClose, known }: Props) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [fields, setFields] = useState(() => fieldsOf(known));
  const [more, setMore] = useState(false);
  const set = (part: Partial<Fields>) => setFields((all) => ({ ...all, ...part }));
  const save = useMutation({
    mutationFn: () => {
      const { password, ...body } = fields;
      const sent = { ...body, ...(password && { password }) };
      return known ? changeExchange(known.id, sent) : addExchange(sent);
    },
    onSuccess: (exchange) => {
      onClose();
      void queries.invalidateQueries({ queryKey: ["exchanges"] });
      void queries.invalidateQueries({ queryKey: ["exchange", exchange.id] });
      if (!known) navigate(exchangePath(exchange.id));
    },
  });
  const { reset } = save;
  useEffect(() => {
    if (!open) return;
    reset();
    setFields(fieldsOf(known));
    setMore(Boolean(known?.certificate || known?.plain_http));
  }, [open, known, reset]);
  return (
    <NameDialog
      title={known ? t`Change the exchange` : t`Add an exchange`}
      opened={open}
      onClose={onClose}
      name={fields.name}
      onName={(name) => set({ name })}
      action={save}
      submit={known ? t`Save` : t`Add exchange`}
    >
      <TextInput
        label={t`Address`}
        description={t`A share link (…/s/…), or the address of a WebDAV folder.`}
        required
        maxLength={2000}
        placeholder={
          // Not translated: an address
          "https://cloud.example.org/s/AbCdEfG"
        }
        value={fields.url}
        onChange={(event) => set({ url: event.currentTarget.value })}
      />
      <TextInput
        label={t`User name`}
        description={t`Not needed for a share link.`}
        maxLength={200}
        autoComplete="off"
        value={fields.username}
        onChange={(event) => set({ username: event.currentTarget.value })}
      />
      <PasswordInput
        label={t`Password`}
        description={
          known?.has_password
            ? t`One is kept, sealed. Enter another one to replace it.`
            : t`Best an app password. It is kept sealed and never shown again.`
        }
        maxLength={1000}
        autoComplete="new-password"
        value={fields.password}
        onChange={(event) => set({ password: event.currentTarget.value })}
      />
      <Radio.Group
        label={t`Access`}
        value={fields.access}
        onChange={(value) => set({ access: value === "read_write" ? "read_write" : "read" })}
      >
        <Stack gap={6} mt={6}>
          <Radio value="read" label={t`Read only: find and fetch models`} />
          <Radio value="read_write" label={t`Read and publish`} />
        </Stack>
      </Radio.Group>
      <Anchor component="button" type="button" size="sm" aria-expanded={more} onClick={() => setMore(!more)} ta="left">
        {more ? t`Hide certificate and http` : t`The server has its own certificate authority, or no https`}
      </Anchor>
      <Collapse expanded={more}>
        <Stack gap="sm">
          <Textarea
            label={t`Certificate of its authority`}
            description={t`PEM text. Only this server is then trusted by it.`}
            rows={4}
            value={fields.certificate}
            placeholder={
              // Not translated: how such a file begins
              "-----BEGIN CERTIFICATE-----"
            }
            onChange={(event) => set({ certificate: event.currentTarget.value })}
          />
          <Checkbox
            label={t`Send the password readable (http without s)`}
            description={t`Only inside a network that you trust: everybody on the way can read it.`}
            checked={fields.plain_http}
            onChange={(event) => set({ plain_http: event.currentTarget.checked })}
          />
        </Stack>
      </Collapse>
    </NameDialog>
  );
}
