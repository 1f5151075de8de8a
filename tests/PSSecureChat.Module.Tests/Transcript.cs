using System.Management.Automation;

namespace PSSecureChat.ModuleTests;

/// <summary>All that came out of a script, stream by stream.</summary>
internal sealed record Transcript(IReadOnlyList<PSObject> Output, IReadOnlyList<ErrorRecord> Errors, IReadOnlyList<string> Lines)
{
    public static readonly Transcript Empty = new([], [], []);

    /// <summary>The one error there is.</summary>
    public ErrorRecord Error => Assert.Single(Errors);

    /// <summary>Runs a shell and collects its streams. What ended the script is the last of the errors.</summary>
    public static Transcript Of(PowerShell shell, Func<PowerShell, IEnumerable<PSObject>> run)
    {
        List<PSObject> output = [];
        List<ErrorRecord> errors = [];
        try
        {
            output.AddRange(run(shell));
            errors.AddRange(shell.Streams.Error);
        }
        catch (RuntimeException failure) when (failure is not PipelineStoppedException)
        {
            errors.AddRange(shell.Streams.Error);
            errors.Add(failure.ErrorRecord);
        }

        return new Transcript(output, errors,
        [
            .. output.Select(static item => $"output: {item}"),
            .. errors.Select(static error => $"error: {error.FullyQualifiedErrorId.Split(',')[0]} {error.TargetObject}".TrimEnd()),
            .. shell.Streams.Warning.Select(static warning => $"warning: {warning.Message}"),
            .. shell.Streams.Verbose.Select(static verbose => $"verbose: {verbose.Message}"),
            .. shell.Streams.Information.Select(static information => $"information: {information}"),
        ]);
    }
}
