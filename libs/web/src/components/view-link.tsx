import { type ReactNode } from 'react';
import { hrefWith, navigate } from '../use-location.js';

interface Props {
  /** The view it leads to; null: the rates. */
  view: 'account' | null;
  className?: string;
  current?: boolean;
  title?: string;
  children: ReactNode;
}

/** Leads to another view without loading the page again; range and date of the rates stay in the address. */
export function ViewLink({ view, className, current = false, title, children }: Props) {
  return (
    <a
      className={className}
      href={hrefWith('view', view)}
      title={title}
      aria-current={current ? 'page' : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        if (current) return;
        navigate(hrefWith('view', view), 'push');
        window.scrollTo(0, 0);
      }}
    >
      {children}
    </a>
  );
}
