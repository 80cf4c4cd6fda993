// `sluice review`: opens a run for review and serves the page.
export { type Desk, openDesk } from "./desk.ts";
export { exportRows, type ExchangeFormat, exchangeFormats, importDecisions } from "./exchange.ts";
export { issueTokens, linkFor, reviewerNames } from "./reviewers.ts";
export { type ReviewServer, startServer } from "./server.ts";
