// One interactive element, by its type.
import { ButtonElement, FeedbackButtons, IconButton, OverflowMenu } from "./buttons.tsx";
import { Checkboxes, RadioButtons } from "./choices.tsx";
import { DateField, TextField } from "./inputs.tsx";
import { Picture } from "./layout.tsx";
import { SelectElement } from "./selects.tsx";
import type { Element, Image } from "./types.ts";

/** `describedBy` is the id of a field's hint and error; `labelledBy` that of its label. */
export type ElementProps = {
  blockId: string;
  element: Element;
  /** Of an input block: changes stay in the form unless it dispatches actions. */
  input?: { dispatches: boolean };
  label?: string;
  inputId?: string;
  describedBy?: string;
  invalid?: boolean;
};

export function ElementView(props: ElementProps) {
  const { type } = props.element;
  if (type.endsWith("_select")) return <SelectElement {...props} />;
  switch (type) {
    case "button":
    case "workflow_button":
      return <ButtonElement {...props} />;
    case "icon_button":
      return <IconButton {...props} />;
    case "feedback_buttons":
      return <FeedbackButtons {...props} />;
    case "overflow":
      return <OverflowMenu {...props} />;
    case "radio_buttons":
      return <RadioButtons {...props} />;
    case "checkboxes":
      return <Checkboxes {...props} />;
    case "plain_text_input":
    case "email_text_input":
    case "url_text_input":
    case "number_input":
      return <TextField {...props} />;
    case "datepicker":
    case "timepicker":
    case "datetimepicker":
      return <DateField {...props} />;
    case "image":
      return <Picture image={props.element as unknown as Image} />;
    default:
      return <span class="unknown-block">An element of type “{type}” is not shown here.</span>;
  }
}
