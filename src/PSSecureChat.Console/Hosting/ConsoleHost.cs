using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;

namespace PSSecureChat.Terminal.Hosting;

/// <summary>The host that PowerShell sees.</summary>
internal sealed class ConsoleHost(Output output, ILineReader reader, HostServices services) : PSHost
{
    public override string Name => "PSSecureChat.Console";

    public override Version Version { get; } = typeof(ConsoleHost).Assembly.GetName().Version ?? new Version(1, 0);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override PSHostUserInterface UI { get; } = new ConsoleUserInterface(output, reader);

    public override CultureInfo CurrentCulture { get; } = CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture { get; } = CultureInfo.CurrentUICulture;

    /// <summary>What the functions of the prompt may tell the host.</summary>
    public override PSObject PrivateData { get; } = new(services);

    /// <summary>What `exit` asked for; null while nobody did.</summary>
    public int? ExitCode { get; private set; }

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    public override void EnterNestedPrompt() => throw new NotSupportedException("This console has no nested prompt.");

    public override void ExitNestedPrompt() => throw new NotSupportedException("This console has no nested prompt.");

    // Programs that the user starts write to the terminal themselves; there is nothing of ours to save for them.
    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }
}
