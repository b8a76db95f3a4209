// The colours of the task stream, read from the style sheet once for each theme.
import { colour } from '../state/theme';
import { kFunctionColours } from './names';

export interface Palette {
  functions: string[];
  text: string;
  grid: string;
  stripe: string;
  failed: string;
  cancelled: string;
  focus: string;
}

export const paletteOf = (): Palette => ({
  functions: Array.from({ length: kFunctionColours }, (_, index) => colour(`fn-${index}`)),
  text: colour('muted'),
  grid: colour('grid'),
  stripe: colour('stripe'),
  failed: colour('bad'),
  cancelled: colour('muted'),
  focus: colour('text'),
});
