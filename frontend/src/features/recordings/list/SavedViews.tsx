import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Menu } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { removals } from "@/api/removals";
import { saveView, viewsQuery } from "@/api/views";
import { useMay } from "@/components/May";
import { NameDialog } from "@/components/NameDialog";
import { kept, listAddress, listIn, listWords, type RecordingList } from "@/lib/recordingList";

type Props = { projectId: string; list: RecordingList; onOpen: (list: RecordingList) => void };

/** Lists that are kept under a name: opened, saved, deleted. */
export function SavedViews({ projectId, list, onOpen }: Props) {
  const queries = useQueryClient();
  const may = useMay();
  const views = useQuery(viewsQuery(projectId));
  const [name, setName] = useState<string | null>(null);
  const again = () => queries.invalidateQueries({ queryKey: viewsQuery(projectId).queryKey });
  const save = useMutation({
    mutationFn: () => saveView(projectId, name ?? "", kept(list)),
    onSuccess: () => {
      setName(null);
      void again();
    },
  });
  const here = listAddress(list);
  const open = views.data?.find(({ query }) => listAddress(query) === here);
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <Button variant="default">{open ? t`View: ${{ name: open.name }}` : t`Saved views`}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          {views.data?.map((view) => (
            <Menu.Item key={view.id} onClick={() => onOpen(listIn(new URLSearchParams(view.query)))}>
              {view.name}
            </Menu.Item>
          ))}
          {views.data?.length === 0 && (
            <Menu.Label>
              <Trans>No view is saved yet</Trans>
            </Menu.Label>
          )}
          {may("save_view", projectId) && (
            <>
              <Menu.Divider />
              <Menu.Item disabled={here === ""} onClick={() => setName(listWords(list))}>
                <Trans>Save this list …</Trans>
              </Menu.Item>
            </>
          )}
          {open && may("delete_view", projectId) && (
            <Menu.Item
              color="red"
              onClick={() => removals.remove({ kind: "view", projectId, id: open.id, name: open.name })}
            >
              <Trans>Delete the view “{{ name: open.name }}”</Trans>
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <NameDialog
        title={t`Save this list`}
        opened={name !== null}
        onClose={() => setName(null)}
        name={name ?? ""}
        onName={setName}
        action={save}
        submit={t`Save`}
      />
    </>
  );
}
