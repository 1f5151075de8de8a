namespace PSSecureChat.Faults.Fuzz;

/// <summary>One parser. Each thread has a target of its own.</summary>
internal abstract class Target
{
    /// <summary>Valid inputs, from which others are made.</summary>
    public abstract IReadOnlyList<byte[]> Valid { get; }

    /// <summary>The most bytes one input may have allocated: what the parser may set aside for input it has not read yet, and some.</summary>
    public virtual long MostAllocated => 1024 * 1024;

    /// <summary>Parses. Errors of the protocol are caught here; whatever comes out is a finding.</summary>
    public abstract void Run(byte[] input);
}

/// <summary>What must always be so was not so.</summary>
internal sealed class FindingException(string what) : Exception(what);
