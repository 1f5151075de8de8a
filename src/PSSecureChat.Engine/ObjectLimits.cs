namespace PSSecureChat.Engine;

/// <summary>The limits of objects sent as messages, for those outside of the engine who read and write them.</summary>
public static class ObjectLimits
{
    /// <summary>How deep the JSON may nest.</summary>
    public const int Depth = Limits.MaxObjectDepth;

    /// <summary>How many values the JSON may hold.</summary>
    public const int Values = Limits.MaxObjectValues;

    /// <summary>How many bytes of UTF-8 the JSON may have.</summary>
    public const int Bytes = Limits.MaxTextBytes;
}
