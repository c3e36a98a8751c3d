import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ProblemNote } from '../components/problem-note.js';
import { endSession } from '../queries.js';
import { signOutEverywhere } from './api.js';
import { DeviceEntry } from './device-entry.js';
import { Dialog } from './dialog.js';
import { DialogActions } from './dialog-actions.js';
import { a } from './messages.js';
import { devicesQuery, useAction } from './queries.js';
import { Section, useAnnouncement } from './section.js';

/** Where this person is signed in. Signing out the device at hand leads to the landing. */
export function Devices({ userId }: { userId: string }) {
  const { data, error, dataUpdatedAt, refetch } = useQuery(devicesQuery(userId));
  const { section, said, sayGone } = useAnnouncement(data?.length);
  const [asking, setAsking] = useState(false);
  const devices = data?.toSorted((one, other) => Number(other.current) - Number(one.current));

  return (
    <Section id="devices" ref={section} title={a.devices} text={a.devicesText} said={said}>
      {error && !devices && <ProblemNote error={error} onRetry={() => void refetch()} />}
      <ul className="entries" aria-busy={!devices}>
        {devices?.map((device, place) => (
          <DeviceEntry
            key={device.id}
            userId={userId}
            device={device}
            now={dataUpdatedAt}
            onGone={(text) => {
              sayGone(place, text);
            }}
          />
        ))}
      </ul>
      {devices && (
        <button
          type="button"
          className="button button-plain"
          onClick={() => {
            setAsking(true);
          }}
        >
          {a.everywhere}
        </button>
      )}
      {asking && (
        <SignOutEverywhere
          count={devices?.length ?? 1}
          onClose={() => {
            setAsking(false);
          }}
        />
      )}
    </Section>
  );
}

function SignOutEverywhere({ count, onClose }: { count: number; onClose: () => void }) {
  const action = useAction({ run: signOutEverywhere, onDone: endSession });
  return (
    <Dialog title={a.everywhereQuestion} onClose={onClose} locked={action.busy}>
      <p>{a.everywhereText(count)}</p>
      <DialogActions
        action={action}
        busyText={a.signingOut}
        onCancel={onClose}
        onConfirm={() => {
          action.start();
        }}
      >
        {a.everywhere}
      </DialogActions>
    </Dialog>
  );
}
