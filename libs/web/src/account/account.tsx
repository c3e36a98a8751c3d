import { useEffect } from 'react';
import { type User } from '../api.js';
import { ViewLink } from '../components/view-link.js';
import { t } from '../locale.js';
import { Credentials } from './credentials.js';
import { Devices } from './devices.js';
import { a } from './messages.js';
import { YourData } from './your-data.js';
import '../styles/account.css';

const PARTS = [
  ['devices', a.devices],
  ['api-keys', a.kinds['api-keys'].title],
  ['hmac-clients', a.kinds['hmac-clients'].title],
  ['data', a.data],
] as const;

/** What a person can see and end: devices, keys, signed clients, the account itself. */
export default function Account({ user, onDeleted }: { user: User; onDeleted: () => void }) {
  useEffect(() => {
    const before = document.title;
    document.title = `${a.title} – ${t.brand}`;
    return () => {
      document.title = before;
    };
  }, []);

  return (
    <div className="account">
      <ViewLink view={null}>{a.backToRates}</ViewLink>
      <h1>{a.title}</h1>
      <p className="lead">{[user.name, user.email].filter(Boolean).join(' · ') || a.noName}</p>
      <nav className="account-parts" aria-label={a.onThisPage}>
        <ul>
          {PARTS.map(([id, title]) => (
            <li key={id}>
              <a href={`#${id}`}>{title}</a>
            </li>
          ))}
        </ul>
      </nav>
      <Devices userId={user.id} />
      <Credentials kind="api-keys" user={user} />
      <Credentials kind="hmac-clients" user={user} />
      <YourData onDeleted={onDeleted} />
    </div>
  );
}
