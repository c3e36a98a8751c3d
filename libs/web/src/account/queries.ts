import { queryOptions, useMutation } from '@tanstack/react-query';
import { useRef } from 'react';
import { ACCOUNT, queryClient } from '../queries.js';
import { fetchCredentials, fetchDevices, type Kind } from './api.js';

/** Of one person, and looked at again each time: devices come and keys are used while nobody looks. */
export const devicesQuery = (userId: string) =>
  queryOptions({ queryKey: [ACCOUNT, userId, 'devices'], queryFn: fetchDevices, staleTime: 0 });

export const credentialsQuery = (userId: string, kind: Kind) =>
  queryOptions({ queryKey: [ACCOUNT, userId, kind], queryFn: () => fetchCredentials(kind), staleTime: 0 });

interface Action<Input, Output> {
  run: (input: Input) => Promise<Output>;
  onDone: (output: Output, input: Input) => void;
  /** The list that it changes: asked for again, also after a failure, which may have come after the deed. */
  changes?: readonly unknown[];
}

/** Something that a button does: once at a time, however often it is pressed. No answer is kept, for it may be a secret. */
export function useAction<Input = void, Output = void>({ run, onDone, changes }: Action<Input, Output>) {
  const running = useRef(false);
  const mutation = useMutation({
    mutationFn: run,
    gcTime: 0,
    onSuccess: onDone,
    onSettled: () => {
      running.current = false;
      if (changes) void queryClient.invalidateQueries({ queryKey: changes });
    },
  });
  return {
    start: (input: Input) => {
      if (running.current) return;
      running.current = true;
      mutation.mutate(input);
    },
    busy: mutation.isPending,
    error: mutation.error,
  };
}
