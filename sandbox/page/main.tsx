// Starts the page.
import { render } from "preact";
import { App } from "./app.tsx";
import "./styles/base.css";
import "./styles/slack.css";
import "./styles/channel.css";
import "./styles/messages.css";
import "./styles/blocks.css";
import "./styles/cards.css";
import "./styles/forms.css";
import "./styles/select.css";
import "./styles/city.css";
import "./styles/city-parts.css";
import "./styles/tunnel.css";
import "./styles/narrow.css";

const root = document.getElementById("app");
if (root) render(<App />, root);
