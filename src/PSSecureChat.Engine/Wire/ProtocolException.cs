namespace PSSecureChat.Engine.Wire;

/// <summary>The other side broke the protocol. The connection closes; the reason stays here.</summary>
internal sealed class ProtocolException(string reason) : Exception(reason);
