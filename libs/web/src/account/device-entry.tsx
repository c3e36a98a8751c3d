import { t } from '../locale.js';
import { endSession, queryClient } from '../queries.js';
import { type Device, removeDevice } from './api.js';
import { a } from './messages.js';
import { BusyButton, Moment, ProblemLine } from './parts.js';
import { devicesQuery, useAction } from './queries.js';
import { deviceKind } from './user-agent.js';

function nameOf({ userAgent }: Device): string {
  const { browser, system } = deviceKind(userAgent);
  return browser !== null && system !== null ? a.deviceName(browser, system) : (browser ?? system ?? a.unknownDevice);
}

interface Props {
  userId: string;
  device: Device;
  /** When the list was fetched, in ms. */
  now: number;
  onGone: (text: string) => void;
}

export function DeviceEntry({ userId, device, now, onGone }: Props) {
  const { queryKey } = devicesQuery(userId);
  const name = nameOf(device);
  const signOut = useAction({
    run: () => removeDevice(device.id),
    onDone: () => {
      if (device.current) return endSession();
      onGone(a.deviceSignedOut(name));
      queryClient.setQueryData(queryKey, (all) => all?.filter(({ id }) => id !== device.id));
    },
    changes: queryKey,
  });

  return (
    <li className="entry">
      <div className="entry-main">
        <h3 tabIndex={-1}>
          {name} {device.current && <span className="badge">{a.thisDevice}</span>}
        </h3>
        <dl className="facts">
          <div>
            <dt>{a.address}</dt>
            <dd>{device.address ?? a.noAddress}</dd>
          </div>
          <div>
            <dt>{a.lastUsed}</dt>
            <dd>
              <Moment at={device.lastUsedAt} now={now} />
            </dd>
          </div>
          <div>
            <dt>{a.since}</dt>
            <dd>
              <Moment at={device.createdAt} now={now} />
            </dd>
          </div>
        </dl>
        {signOut.error && <ProblemLine error={signOut.error} />}
      </div>
      <div className="entry-actions">
        <BusyButton
          className="button button-plain button-small"
          busy={signOut.busy}
          busyText={a.signingOut}
          label={device.current ? a.signOutThis : a.signOutDevice(name)}
          onClick={() => {
            signOut.start();
          }}
        >
          {t.signOut}
        </BusyButton>
      </div>
    </li>
  );
}
