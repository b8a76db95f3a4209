// Dark and light: as the system has it, or as chosen.
import { computed, effect, signal } from '@preact/signals';

export type Choice = 'auto' | 'light' | 'dark';

const kKey = 'futured.theme';
const kChoices: readonly Choice[] = ['auto', 'light', 'dark'];
const system = window.matchMedia('(prefers-color-scheme: dark)');
const systemDark = signal(system.matches);
system.addEventListener('change', () => (systemDark.value = system.matches));

const stored = localStorage.getItem(kKey);
export const choice = signal<Choice>(kChoices.find((known) => known === stored) ?? 'auto');
export const dark = computed(() => (choice.value === 'auto' ? systemDark.value : choice.value === 'dark'));

effect(() => {
  document.documentElement.dataset['theme'] = dark.value ? 'dark' : 'light';
  if (choice.value === 'auto') localStorage.removeItem(kKey);
  else localStorage.setItem(kKey, choice.value);
});

export function nextChoice(): void {
  choice.value = kChoices[(kChoices.indexOf(choice.value) + 1) % kChoices.length] ?? 'auto';
}

// A colour of the style sheet, for what is drawn.
export const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const still = window.matchMedia('(prefers-reduced-motion: reduce)');
export const reducedMotion = (): boolean => still.matches;
