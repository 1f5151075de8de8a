namespace PSSecureChat.Engine.Wire;

/// <summary>
/// There is no memory for a frame of the other side, which has done nothing wrong. The connection closes without a word;
/// what was not acknowledged comes again over the next one.
/// </summary>
internal sealed class NoRoomException() : Exception("too many large messages were on their way here at once");
