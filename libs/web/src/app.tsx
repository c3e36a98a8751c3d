import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { type User } from './api.js';
import { CountryChooser } from './components/country-chooser.js';
import { Dashboard } from './components/dashboard.js';
import { Landing } from './components/landing.js';
import { PageFrame } from './components/page-frame.js';
import { ProblemNote } from './components/problem-note.js';
import { t } from './locale.js';
import { endSession, meQuery } from './queries.js';
import { hrefWith, navigate, useSearchParam } from './use-location.js';

const Account = lazy(() => import('./account/account.js'));

/** Which of the four views: signed out, no country yet, the rates, the account. */
export function App() {
  const me = useQuery(meQuery);
  const [deleted, setDeleted] = useState(false);

  if (me.data) {
    return (
      <SignedIn
        user={me.data}
        onDeleted={() => {
          setDeleted(true);
          navigate('/', 'replace');
          endSession();
        }}
      />
    );
  }
  if (me.data === null) {
    return (
      <PageFrame>
        <Landing deleted={deleted} />
      </PageFrame>
    );
  }
  if (me.error) {
    return (
      <PageFrame>
        <ProblemNote level={1} error={me.error} onRetry={() => void me.refetch()} />
      </PageFrame>
    );
  }
  // Nothing to look at yet: which view it will be is not known, and a foot drawn now would move.
  return (
    <PageFrame foot={false}>
      <Waiting />
    </PageFrame>
  );
}

function Waiting() {
  return (
    <>
      <h1 className="visually-hidden">{t.brand}</h1>
      <p className="visually-hidden" role="status">
        {t.loading}
      </p>
    </>
  );
}

/** Who goes from view to view by keyboard or ear goes on at the new one's beginning, not at a link that is gone. */
function useFocusOfNewView(view: string | null): void {
  const before = useRef(view);
  useEffect(() => {
    if (before.current === view) return;
    before.current = view;
    document.querySelector('main')?.focus({ preventScroll: true });
  }, [view]);
}

function SignedIn({ user, onDeleted }: { user: User; onDeleted: () => void }) {
  const [choosing, setChoosing] = useState(false);
  const view = useSearchParam('view');
  useFocusOfNewView(view);
  const { country, currency } = user;
  const changeCountry = (): void => {
    setChoosing(true);
    if (view !== null) navigate(hrefWith('view', null), 'push');
  };

  if (view === 'account') {
    return (
      <PageFrame user={user} country={country ?? undefined} onChangeCountry={changeCountry} atAccount>
        <Suspense fallback={<Waiting />}>
          <Account key={user.id} user={user} onDeleted={onDeleted} />
        </Suspense>
      </PageFrame>
    );
  }
  if (choosing || country === null || currency === null) {
    return (
      <PageFrame user={user}>
        <CountryChooser
          current={country}
          onDone={() => {
            setChoosing(false);
          }}
        />
      </PageFrame>
    );
  }
  return (
    <PageFrame user={user} country={country} onChangeCountry={changeCountry}>
      <Dashboard key={currency} currency={currency} onChooseCountry={changeCountry} />
    </PageFrame>
  );
}
