/** The process cannot start. The message is one line for the operator, with the way out. */
export class StartFailed extends Error {
  override readonly name = 'StartFailed';
}
