import { flagEmoji } from '../flag.js';

let supported: boolean | undefined;

/** Windows and some Linux systems have no flag emoji and draw letters or boxes; a flag has colour, those do not. */
function drawsFlags(): boolean {
  if (supported !== undefined) return supported;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 16;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return (supported = false);
  context.font = '16px sans-serif';
  context.textBaseline = 'top';
  context.fillText(flagEmoji('KR'), 0, 0);
  const { data } = context.getImageData(0, 0, 16, 16);
  supported = false;
  for (let i = 0; i < data.length; i += 4) {
    if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) supported = true;
  }
  return supported;
}

/** A country's flag, or its two letters where the system has no flags. Decoration: the name stands beside it. */
export function Flag({ code }: { code: string }) {
  return drawsFlags() ? (
    <span className="flag" aria-hidden="true">
      {flagEmoji(code)}
    </span>
  ) : (
    <span className="flag flag-letters" aria-hidden="true">
      {code}
    </span>
  );
}
