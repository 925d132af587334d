// Starts `dflc lsp` for what is open, and ends it with the editor.
"use strict";
const { workspace } = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

exports.activate = () => {
    const settings = workspace.getConfiguration("dfl");
    const server = {
        command: settings.get("server.path"),
        args: ["lsp", ...settings.get("server.arguments")],
        transport: TransportKind.stdio,
    };
    client = new LanguageClient("dfl", "dflc", server, {
        documentSelector: [{ language: "dfl" }],
        synchronize: { fileEvents: workspace.createFileSystemWatcher("**/*.dfl") },
    });
    return client.start();
};

exports.deactivate = () => client && client.stop();
