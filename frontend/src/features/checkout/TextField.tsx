import type { HTMLInputAutoCompleteAttribute, HTMLInputTypeAttribute, Ref } from "react";

interface Props {
  id: string;
  label: string;
  type: HTMLInputTypeAttribute;
  autoComplete: HTMLInputAutoCompleteAttribute;
  value: string;
  error: string | null;
  hint?: string;
  /** A better value that one press puts in. */
  suggestion?: { readonly words: string; readonly onTake: () => void } | null;
  inputRef: Ref<HTMLInputElement>;
  onChange: (value: string) => void;
  onBlur: () => void;
}

/** A labelled input whose hint and error are read out with it. */
export function TextField(props: Props) {
  const { id, label, type, autoComplete, value, error, hint, suggestion, inputRef, onChange, onBlur } = props;
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        ref={inputRef}
        name={id}
        type={type}
        autoComplete={autoComplete}
        required
        value={value}
        aria-invalid={error !== null}
        aria-describedby={described || undefined}
        data-testid={`field-${id}`}
        onChange={(event) => { onChange(event.target.value); }}
        onBlur={onBlur}
      />
      {hint && <p id={`${id}-hint`} className="field__hint">{hint}</p>}
      {suggestion && (
        <button type="button" className="link-button field__suggestion" onClick={suggestion.onTake}>{suggestion.words}</button>
      )}
      <p id={`${id}-error`} className="field__error" aria-live="polite">{error}</p>
    </div>
  );
}
