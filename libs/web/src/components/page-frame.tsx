import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { logout, type User } from '../api.js';
import { formats, t } from '../locale.js';
import { endSession } from '../queries.js';
import { Flag } from './flag.js';
import { ProblemNote } from './problem-note.js';
import { ViewLink } from './view-link.js';

interface Props {
  user?: User;
  country?: string;
  onChangeCountry?: () => void;
  atAccount?: boolean;
  foot?: boolean;
  children: ReactNode;
}

/** What surrounds every view: the bar on top, the one `main`, the foot. */
export function PageFrame({ user, country, onChangeCountry, atAccount = false, foot = true, children }: Props) {
  const signOut = useMutation({ mutationFn: logout, onSuccess: endSession });

  return (
    <div className="page">
      <header className="top-bar">
        <a className="brand" href="/">
          <Mark />
          <span className="brand-name">{t.brand}</span>
        </a>
        {user && (
          <nav className="top-actions" aria-label={t.account}>
            {country && (
              <button type="button" className="quiet-button" onClick={onChangeCountry} title={t.changeCountry}>
                <Flag code={country} />
                <span className="top-country">{formats.countryName(country)}</span>
                <span className="visually-hidden">, {t.changeCountry}</span>
                <svg className="chevron" viewBox="0 0 12 12" width="10" height="10" aria-hidden="true">
                  <path d="m2 4 4 4 4-4" />
                </svg>
              </button>
            )}
            <ViewLink
              view="account"
              className="quiet-button account-link"
              title={user.email ?? undefined}
              current={atAccount}
            >
              <Avatar user={user} />
              <span className="visually-hidden">, </span>
              <span className="account-word">{t.account}</span>
            </ViewLink>
            <button
              type="button"
              className="quiet-button"
              disabled={signOut.isPending}
              onClick={() => {
                signOut.mutate();
              }}
            >
              {t.signOut}
            </button>
          </nav>
        )}
      </header>
      <main className="main" tabIndex={-1}>
        {signOut.error && (
          <ProblemNote
            error={signOut.error}
            onRetry={() => {
              signOut.mutate();
            }}
          />
        )}
        {children}
      </main>
      {foot && <Foot />}
    </div>
  );
}

function Foot() {
  return (
    <footer className="foot">
      <p>{t.disclaimer}</p>
      <p>
        <a href="https://www.tradingview.com/" rel="noopener noreferrer" target="_blank">
          {t.chartCredit}
        </a>
      </p>
    </footer>
  );
}

function Avatar({ user }: { user: User }) {
  const [broken, setBroken] = useState(false);
  // Google may keep both to itself.
  const name = user.name ?? user.email ?? '?';
  return (
    <span className="avatar">
      {user.picture && !broken ? (
        <img
          src={user.picture}
          alt={name}
          width="28"
          height="28"
          // Google's picture server refuses requests that tell another site's address.
          referrerPolicy="no-referrer"
          onError={() => {
            setBroken(true);
          }}
        />
      ) : (
        <>
          <span aria-hidden="true">{[...name][0]?.toUpperCase()}</span>
          <span className="visually-hidden">{name}</span>
        </>
      )}
    </span>
  );
}

function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M6 21.5 12 15l5 4.5 9-10" />
      <circle cx="26" cy="9.5" r="2.6" />
    </svg>
  );
}
