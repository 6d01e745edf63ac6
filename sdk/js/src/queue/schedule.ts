/** When which request may be sent again, and when nothing is worth trying because nothing gets through. */

import { type Clock, pauseSeconds } from "../waiting.ts";
import type { Postponed } from "./tabs.ts";

/** Another tab may have gone and left something behind. */
const LOOK_AGAIN_SECONDS = 30;
const LONGEST_OUTAGE_SECONDS = 60;
const LONGEST_PAUSE_SECONDS = 300;
const LEAST_PAUSE_MILLISECONDS = 50;

export class Schedule {
  readonly #clock: Clock;
  readonly #random: () => number;
  /** What failed and may pass; forgotten with the page. */
  readonly #postponed = new Map<string, Postponed>();
  /** Rounds in a row in which nothing got through, and when the next may begin. */
  #outages = 0;
  #quietUntil = 0;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  get isQuiet(): boolean {
    return this.#quietUntil > this.#clock.now();
  }

  isDue(id: string): boolean {
    return (this.#postponed.get(id)?.due ?? 0) <= this.#clock.now();
  }

  failures(id: string): number {
    return this.#postponed.get(id)?.failures ?? 0;
  }

  /** The gatehouse put this request off, by as much as it asks for. */
  postponed(id: string, askedSeconds = 0): Postponed {
    const failures = this.failures(id) + 1;
    const pause = pauseSeconds(failures, this.#random, undefined, LONGEST_PAUSE_SECONDS);
    return { failures, due: this.#clock.now() + Math.max(pause, askedSeconds) * 1000 };
  }

  /** Here or in another tab. */
  learn(id: string, postponed: Postponed): void {
    this.#postponed.set(id, postponed);
  }

  /** It did not even get there: the next round may try it again, behind those that never failed. */
  failed(id: string): void {
    this.#postponed.set(id, { failures: this.failures(id) + 1, due: 0 });
  }

  forget(id: string): void {
    this.#postponed.delete(id);
  }

  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#postponed.keys()) if (!ids.has(id)) this.#postponed.delete(id);
  }

  endRound(gotThrough: boolean): void {
    this.#outages = gotThrough ? 0 : this.#outages + 1;
    if (gotThrough) return;
    const pause = pauseSeconds(this.#outages, this.#random, 0.5, LONGEST_OUTAGE_SECONDS);
    this.#quietUntil = this.#clock.now() + pause * 1000;
  }

  /** Something has changed, so the network may be back. */
  endQuiet(): void {
    this.#quietUntil = 0;
  }

  /** Until the next request is due, or it is time to look for what other tabs left. */
  get pauseMilliseconds(): number {
    const now = this.#clock.now();
    const dues = Array.from(this.#postponed.values(), ({ due }) => (due ? due - now : Infinity));
    const pause = this.isQuiet ? this.#quietUntil - now : Math.min(LOOK_AGAIN_SECONDS * 1000, ...dues);
    return Math.max(LEAST_PAUSE_MILLISECONDS, pause);
  }
}
