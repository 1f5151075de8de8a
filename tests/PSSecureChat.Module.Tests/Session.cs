using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using PSSecureChat.Faults;

namespace PSSecureChat.ModuleTests;

/// <summary>A fresh PowerShell session, as a user has it: a runspace with the core cmdlets and, as a rule, the module.</summary>
internal sealed class Session : IDisposable
{
    /// <summary>No condition of these tests may take longer, on however slow a machine.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private Session(RecordingHost? host) =>
        Runspace = host is null ? RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2()) : RunspaceFactory.CreateRunspace(host, InitialSessionState.CreateDefault2());

    public Runspace Runspace { get; }

    /// <summary>A session that has not imported the module.</summary>
    /// <param name="host">The terminal it writes to; none as a rule.</param>
    public static Session Bare(RecordingHost? host = null)
    {
        Session session = new(host);
        session.Runspace.Open();
        session.Runspace.SessionStateProxy.SetVariable("Manifest", Repository.Manifest);
        return session;
    }

    /// <summary>A session that has imported the module.</summary>
    /// <param name="host">The terminal it writes to; none as a rule.</param>
    public static Session Start(RecordingHost? host = null)
    {
        Session session = Bare(host);
        Assert.Empty(session.Run("Import-Module $Manifest").Lines);
        return session;
    }

    /// <summary>
    /// A session with two servers in conversation, <c>$alice</c> and <c>$bob</c>; bob dialled and is the newest, so the default.
    /// </summary>
    /// <param name="host">The terminal it writes to; none as a rule.</param>
    public static Session StartConversation(RecordingHost? host = null)
    {
        Session session = Start(host);
        session.Runspace.SessionStateProxy.SetVariable("port", FreePort.Find()); // some start alice again where she was
        Transcript start = session.Run("""
            $alice = Start-ChatServer 127.0.0.1 $port alice -Ephemeral -AcceptFrom Anyone
            $bob = Start-ChatServer 127.0.0.1 0 bob -Ephemeral -AcceptFrom Anyone
            $null = Connect-ChatPeer $alice.Endpoint
            """);
        Assert.Empty(start.Lines);
        session.Until("(Get-ChatPeer bob -Server $alice -ErrorAction Ignore).State -eq 'Online' -and (Get-ChatPeer alice).State -eq 'Online'");
        return session;
    }

    /// <summary>Another session of the same process, with the variables of this one: for what has to happen while this one waits.</summary>
    public Session Second()
    {
        Session second = Start();
        foreach (string name in new[] { "alice", "bob", "root" })
        {
            second.Runspace.SessionStateProxy.SetVariable(name, Runspace.SessionStateProxy.GetVariable(name));
        }

        return second;
    }

    /// <summary>Runs a script to its end and returns all that came out of it, on every stream.</summary>
    public Transcript Run(string script)
    {
        // An event that comes while the session is idle is handled in a pipeline of PowerShell's own, and only one runs at a time.
        Transcript? done = null;
        Assert.True(SpinWait.SpinUntil(() => (done = RunUnlessBusy(script)) is not null, Limit), $"The session stays busy: {script}");
        return done!;
    }

    /// <summary>A shell on this session that is about to run a script.</summary>
    public PowerShell Shell(string script)
    {
        PowerShell shell = PowerShell.Create(Runspace);
        shell.AddScript(script);
        return shell;
    }

    /// <summary>Waits until a script says true.</summary>
    public void Until(string condition)
    {
        Transcript last = Transcript.Empty;
        bool met = SpinWait.SpinUntil(
            () =>
            {
                last = Run(condition);
                return last.Lines is ["output: True"];
            },
            Limit);
        Assert.True(met, $"{condition}\nlast: {string.Join('\n', last.Lines)}");
    }

    public void Dispose() => Runspace.Dispose();

    private Transcript? RunUnlessBusy(string script)
    {
        using PowerShell shell = Shell(script);
        try
        {
            return Transcript.Of(shell, static running => running.Invoke());
        }
        catch (PSInvalidOperationException)
        {
            return null;
        }
    }
}
