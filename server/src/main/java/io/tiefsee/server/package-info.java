/** The HTTP server: the APIs of DeepSeek and OpenAI for the models of this machine. */
package io.tiefsee.server;
