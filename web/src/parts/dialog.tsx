// A question before something is done. The browser's own dialog: it keeps the focus, and Escape means no.
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

interface Properties {
  title: string;
  children: ComponentChildren;
  // Absent: there is nothing to agree to.
  confirm?: string;
  danger?: boolean;
  onConfirm?: () => void;
  onClose: () => void;
}

export function Dialog({ title, children, confirm, danger, onConfirm, onClose }: Properties) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={onClose} onCancel={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onConfirm?.();
        }}
      >
        <h2 id="dialog-title">{title}</h2>
        {children}
        <div class="buttons">
          <button type="button" onClick={onClose}>
            {confirm ? 'No' : 'Close'}
          </button>
          {confirm && (
            <button type="submit" class={danger ? 'danger' : 'primary'}>
              {confirm}
            </button>
          )}
        </div>
      </form>
    </dialog>
  );
}
