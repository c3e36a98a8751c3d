import { type ReactNode, type Ref, useEffect, useRef, useState } from 'react';

/**
 * What a section says after something was done. Where an entry goes and takes the focus along, the focus goes on to the
 * name of the entry in its place, not to its button: a key that is held down shall not press the next one.
 */
export function useAnnouncement(count: number | undefined) {
  const section = useRef<HTMLElement>(null);
  const leaving = useRef<number | null>(null);
  const [said, say] = useState('');
  useEffect(() => {
    const place = leaving.current;
    leaving.current = null;
    if (place === null || document.activeElement !== document.body) return;
    const names = section.current?.querySelectorAll<HTMLElement>('.entry h3') ?? [];
    const next = names[Math.min(place, names.length - 1)] ?? section.current?.querySelector('h2');
    next?.focus();
  }, [count]);
  return {
    section,
    said,
    say,
    /** The entry at that place, from 0, is about to go. */
    sayGone: (place: number, text: string) => {
      leaving.current = place;
      say(text);
    },
  };
}

interface Props {
  id: string;
  title: string;
  text?: string;
  said: string;
  ref?: Ref<HTMLElement>;
  children: ReactNode;
}

export function Section({ id, title, text, said, ref, children }: Props) {
  return (
    <section className="account-section" id={id} ref={ref} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`} tabIndex={-1}>
        {title}
      </h2>
      {text && <p className="account-text">{text}</p>}
      <p className="account-said" role="status">
        {said}
      </p>
      {children}
    </section>
  );
}
