import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ProblemNote } from '../components/problem-note.js';
import { t } from '../locale.js';
import { endSession, queryClient } from '../queries.js';
import { type Device, removeDevice, signOutEverywhere } from './api.js';
import { Dialog } from './dialog.js';
import { a } from './messages.js';
import { BusyButton, Moment, ProblemLine } from './parts.js';
import { devicesQuery, useAction } from './queries.js';
import { Section, useAnnouncement } from './section.js';
import { deviceKind } from './user-agent.js';

function nameOf({ userAgent }: Device): string {
  const { browser, system } = deviceKind(userAgent);
  return browser !== null && system !== null ? a.deviceName(browser, system) : (browser ?? system ?? a.unknownDevice);
}

/** Where this person is signed in. Signing out the device at hand leads to the landing. */
export function Devices({ userId }: { userId: string }) {
  const query = devicesQuery(userId);
  const { data, error, dataUpdatedAt, refetch } = useQuery(query);
  const { said, announce } = useAnnouncement();
  const [asking, setAsking] = useState(false);
  const signOut = useAction({
    run: ({ id }: Device) => removeDevice(id),
    onDone: (_, device) => {
      if (device.current) return endSession();
      queryClient.setQueryData(query.queryKey, (all) => all?.filter(({ id }) => id !== device.id));
      announce(a.deviceSignedOut(nameOf(device)));
    },
    changes: query.queryKey,
  });
  const devices = data?.toSorted((one, other) => Number(other.current) - Number(one.current));

  return (
    <Section id="devices" title={a.devices} text={a.devicesText} said={said}>
      {error && !devices && <ProblemNote error={error} onRetry={() => void refetch()} />}
      <ul className="entries" aria-busy={!devices}>
        {devices?.map((device) => (
          <li className="entry" key={device.id}>
            <div className="entry-main">
              <h3>
                {nameOf(device)} {device.current && <span className="badge">{a.thisDevice}</span>}
              </h3>
              <dl className="facts">
                <div>
                  <dt>{a.address}</dt>
                  <dd>{device.address ?? a.noAddress}</dd>
                </div>
                <div>
                  <dt>{a.lastUsed}</dt>
                  <dd>
                    <Moment at={device.lastUsedAt} now={dataUpdatedAt} />
                  </dd>
                </div>
                <div>
                  <dt>{a.since}</dt>
                  <dd>
                    <Moment at={device.createdAt} now={dataUpdatedAt} />
                  </dd>
                </div>
              </dl>
              {signOut.error && signOut.input?.id === device.id && <ProblemLine error={signOut.error} />}
            </div>
            <div className="entry-actions">
              <BusyButton
                className="button button-plain button-small"
                busy={signOut.busy && signOut.input?.id === device.id}
                busyText={a.signingOut}
                label={device.current ? a.signOutThis : a.signOutDevice(nameOf(device))}
                onClick={() => {
                  signOut.start(device);
                }}
              >
                {t.signOut}
              </BusyButton>
            </div>
          </li>
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
      {action.error && <ProblemLine error={action.error} />}
      <div className="dialog-actions">
        <button type="button" className="button button-plain" disabled={action.busy} onClick={onClose}>
          {t.cancel}
        </button>
        <BusyButton
          className="button"
          busy={action.busy}
          busyText={a.signingOut}
          onClick={() => {
            action.start();
          }}
        >
          {a.everywhere}
        </BusyButton>
      </div>
    </Dialog>
  );
}
