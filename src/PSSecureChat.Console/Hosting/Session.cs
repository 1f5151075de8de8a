using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace PSSecureChat.Terminal.Hosting;

/// <summary>The PowerShell session behind the prompt. One command at a time; only <see cref="Stop"/> may be called meanwhile.</summary>
internal sealed class Session : IDisposable
{
    /// <summary>How long leaving waits for the servers' farewells. What is left undone is recovered by the store at the next start.</summary>
    private static readonly TimeSpan CloseLimit = TimeSpan.FromMilliseconds(700);

    private readonly ConsoleHost _host;
    private readonly Runspace _runspace;
    private volatile PowerShell? _running;

    public Session(Output output, ILineReader reader, string manifest)
    {
        Manifest = manifest;
        Services = new HostServices(reader.IsInteractive ? output : null);
        _host = new ConsoleHost(output, reader, Services);
        _runspace = RunspaceFactory.CreateRunspace(_host, InitialState());
        _runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
        _runspace.Open();
        Services.Prompt = _runspace;

        // By Import-Module, not by the initial state: what goes wrong is then told like any other error.
        Run($"Import-Module {CommandLine.Quote(manifest)}");
        Run(SessionScript());
    }

    /// <summary>The module's manifest.</summary>
    public string Manifest { get; }

    public HostServices Services { get; }

    /// <summary>What `exit` asked for; null while nobody did.</summary>
    public int? ExitCode => _host.ExitCode;

    /// <summary>A session state with what System.Management.Automation alone offers.</summary>
    public static InitialSessionState InitialState()
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
        {
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.RemoteSigned; // the default would refuse the module's views
        }

        return state;
    }

    /// <summary>Runs a text and shows what comes of it.</summary>
    /// <returns>Whether it came to its end: false after a terminating error.</returns>
    public bool Run(string text, bool toHistory = false)
    {
        using PowerShell shell = PowerShell.Create(_runspace);
        shell.AddScript(text).Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        shell.AddCommand("Out-Default");
        _running = shell;
        try
        {
            shell.Invoke(null, new PSInvocationSettings { Host = _host, AddToHistory = toHistory });

            // A question that nobody can answer stops the pipeline, and that is not thrown here.
            return shell.InvocationStateInfo.State != PSInvocationState.Stopped;
        }
        catch (PipelineStoppedException)
        {
            return false; // Ctrl+C
        }
        catch (RuntimeException failure)
        {
            Report(failure.ErrorRecord);
            return false;
        }
        finally
        {
            _running = null;
        }
    }

    /// <summary>Runs a command; as in pwsh its last statement decides.</summary>
    /// <returns>The exit code.</returns>
    public int RunCommand(string text)
    {
        bool ended = Run(text);
        return ExitCode ?? (ended && Services.Succeeded ? 0 : 1);
    }

    /// <summary>Runs a script file; `exit` in it ends only the script and leaves its number in LASTEXITCODE.</summary>
    /// <returns>The exit code.</returns>
    public int RunScript(string text)
    {
        bool ended = Run(text);
        int number = Query("$global:LASTEXITCODE") is [{ BaseObject: int last }] ? last : 0;
        return ExitCode ?? (ended ? number : 1);
    }

    /// <summary>Runs a text for the host itself: nothing is shown, errors are left out.</summary>
    public IReadOnlyList<PSObject> Query(string text)
    {
        using PowerShell shell = PowerShell.Create(_runspace);
        shell.AddScript(text, useLocalScope: true);
        try
        {
            return shell.Invoke();
        }
        catch (RuntimeException)
        {
            return [];
        }
    }

    /// <summary>Completes a line as PowerShell does.</summary>
    public CommandCompletion? Complete(string line, int cursor)
    {
        using PowerShell shell = PowerShell.Create(_runspace);
        return CommandCompletion.CompleteInput(line, cursor, null, shell);
    }

    /// <summary>Stops the command that runs. Returns at once.</summary>
    public void Stop()
    {
        try
        {
            _running?.BeginStop(null, null);
        }
        catch (ObjectDisposedException)
        {
            // It has just ended by itself.
        }
    }

    public void Dispose()
    {
        if (!Task.Run(_runspace.Dispose).Wait(CloseLimit))
        {
            return; // the process ends anyway
        }
    }

    private void Report(ErrorRecord error)
    {
        // What pwsh does: the formatter shows an object with this property as an error.
        PSObject shown = PSObject.AsPSObject(error);
        if (shown.Properties["writeErrorStream"] is null)
        {
            shown.Properties.Add(new PSNoteProperty("writeErrorStream", true));
        }

        using PowerShell shell = PowerShell.Create(_runspace);
        shell.AddCommand("Out-Default").AddParameter("InputObject", shown);
        shell.Invoke(null, new PSInvocationSettings { Host = _host });
    }

    private static string SessionScript()
    {
        using Stream stream = typeof(Session).Assembly.GetManifestResourceStream("Session.ps1")!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
