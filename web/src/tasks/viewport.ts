// Which time the task stream shows: at the end of what is known, or where it was stopped.

export const kShortest = 50;
export const kLongest = 300_000;
const kStart = 15_000;
// What ended this recently may still be on its way, in milliseconds.
const kDelay = 450;

export class Viewport {
  // Milliseconds from the left to the right.
  span = kStart;
  // Its right end while it stands; nothing: it moves with the time.
  private held: number | null = null;

  get paused(): boolean {
    return this.held !== null;
  }

  to(now: number): number {
    return this.held ?? now - kDelay;
  }

  pause(now: number): void {
    this.held ??= this.to(now);
  }

  follow(): void {
    this.held = null;
  }

  // By a share of what is shown; above 0: to later times. Stops the time.
  pan(share: number, now: number): void {
    this.pause(now);
    this.held = Math.min((this.held ?? now) + share * this.span, now - kDelay);
  }

  // `at`: the place that stays, 0 at the left to 1 at the right. While the time moves, the right end stays.
  zoom(factor: number, at: number): void {
    const span = Math.min(kLongest, Math.max(kShortest, this.span * factor));
    if (this.held !== null) this.held += (span - this.span) * (1 - at);
    this.span = span;
  }
}
