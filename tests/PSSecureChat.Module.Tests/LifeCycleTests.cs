using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Loader;

namespace PSSecureChat.ModuleTests;

public sealed class LifeCycleTests
{
    private const string StartServer = "$server = Start-ChatServer 127.0.0.1 0 alice -Ephemeral; $server.Port";

    [Fact]
    public void Import_force_remove_and_import_again_each_leave_a_working_module()
    {
        using Session session = Session.Bare();
        foreach (string step in (string[])["Import-Module $Manifest", "Import-Module $Manifest -Force", "Remove-Module PSSecureChat; Import-Module $Manifest"])
        {
            Assert.Empty(session.Run(step).Lines);
            Assert.Equal(["output: alice"], session.Run("(Start-ChatServer 127.0.0.1 0 alice -Ephemeral).Name").Lines);
        }
    }

    [Fact]
    public void Removing_the_module_takes_its_commands_and_frees_the_port()
    {
        using Session session = Session.Start();
        int port = Port(session.Run(StartServer));

        Assert.Empty(session.Run("Remove-Module PSSecureChat").Lines);

        Assert.Equal("CommandNotFoundException", session.Run("Get-ChatServer").Error.FullyQualifiedErrorId);
        AssertFree(port);
        Assert.Equal(["output: Stopped"], session.Run("$server.State").Lines);
    }

    [Fact]
    public void Importing_with_force_stops_the_servers_of_this_session()
    {
        using Session session = Session.Start();
        int port = Port(session.Run(StartServer));

        session.Run("Import-Module $Manifest -Force");

        AssertFree(port);
        Assert.Empty(session.Run("Get-ChatServer").Lines);
    }

    [Fact]
    public void Closing_the_session_frees_the_port()
    {
        int port;
        using (Session session = Session.Start())
        {
            port = Port(session.Run(StartServer));
        }

        AssertFree(port);
    }

    [Fact]
    public void Each_session_has_its_own_servers()
    {
        using Session one = Session.Start();
        using Session other = Session.Start();
        one.Run(StartServer);
        other.Run("$null = Start-ChatServer 127.0.0.1 0 bob -Ephemeral");

        Assert.Equal(["output: alice"], one.Run("(Get-ChatServer).Name").Lines);
        Assert.Equal(["output: bob"], other.Run("(Get-ChatServer).Name").Lines);

        other.Run("Remove-Module PSSecureChat");
        Assert.Equal(["output: Running"], one.Run("(Get-ChatServer).State").Lines);
    }

    [Fact]
    public void Parallel_script_blocks_send_through_a_server_handed_to_them()
    {
        using Session session = Session.StartConversation();

        Transcript sent = session.Run("""
            1..8 | ForEach-Object -Parallel {
                Import-Module $using:Manifest
                Send-ChatMessage alice "text $_" -Server $using:bob -WaitFor Delivered
            } -ThrottleLimit 4 | ForEach-Object State
            """);
        Assert.Equal([.. Enumerable.Repeat("output: Delivered", 8)], sent.Lines);

        Transcript received = session.Run("Get-ChatInbox -Server $alice | ForEach-Object Text");
        Assert.Equal([.. Enumerable.Range(1, 8).Select(static n => $"output: text {n}")], received.Lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_parallel_script_block_that_was_handed_no_server_says_so()
    {
        using Session session = Session.Start();
        session.Run(StartServer);

        Transcript sent = session.Run("1 | ForEach-Object -Parallel { Import-Module $using:Manifest; Get-ChatPeer }");

        Assert.StartsWith("NoServer", sent.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void The_engines_libraries_are_its_own_whatever_was_loaded_before()
    {
        using Session session = Session.StartConversation();
        session.Run("Send-ChatMessage alice hi -WaitFor Delivered");

        AssemblyLoadContext engine = AssemblyLoadContext.All.Single(static context => context.Name == "PSSecureChat");
        foreach (string name in ForeignLibraries.Names)
        {
            string folder = Path.Combine(Repository.ModuleBin, "engine");
            Assert.Contains(engine.Assemblies, assembly => assembly.GetName().Name == name && Path.GetDirectoryName(assembly.Location) == folder);
        }

        Assert.DoesNotContain(AssemblyLoadContext.Default.Assemblies, static assembly => assembly.GetName().Name == "PSSecureChat.Engine");
    }

    [Fact]
    public void Closing_a_session_that_waits_ends_the_wait_and_frees_the_port()
    {
        using Session session = Session.Start();
        int port = Port(session.Run(StartServer));
        using PowerShell shell = session.Shell("Receive-ChatMessage -Wait");
        IAsyncResult running = shell.BeginInvoke();
        Assert.False(running.AsyncWaitHandle.WaitOne(50), "it does not wait");

        session.Runspace.Close();

        Assert.True(running.AsyncWaitHandle.WaitOne(Session.Limit));
        AssertFree(port);
    }

    [Theory]
    [InlineData("Receive-ChatMessage -Wait | ForEach-Object { $_.Text; break }")]
    [InlineData("Receive-ChatMessage -Wait | ForEach-Object { throw $_.Text }")]
    public void An_early_stop_downstream_ends_the_stream_and_leaves_the_rest_unread(string script)
    {
        using Session session = Session.StartConversation();
        session.Run("'one', 'two' | Send-ChatMessage bob -Server $alice -WaitFor Delivered");

        session.Run($"foreach ($once in 1) {{ {script} }}");

        Assert.Contains("output: two", session.Run("Receive-ChatMessage | ForEach-Object Text").Lines);
        Assert.Equal(["output: Running"], session.Run("$bob.State").Lines);
    }

    [Fact]
    public void Break_counts_the_message_it_has_had_as_read_and_throw_does_not()
    {
        using Session session = Session.StartConversation();
        session.Run("'one', 'two' | Send-ChatMessage bob -Server $alice -WaitFor Delivered");

        session.Run("foreach ($once in 1) { Get-ChatInbox -Unread | ForEach-Object { break } }");
        Assert.Equal(["output: two"], session.Run("try { Get-ChatInbox -Unread | ForEach-Object { throw 'no' } } catch { }; Get-ChatInbox -Unread | ForEach-Object Text").Lines);
    }

    private static int Port(Transcript transcript) => int.Parse(Assert.Single(transcript.Output).ToString(), CultureInfo.InvariantCulture);

    private static void AssertFree(int port)
    {
        using TcpListener listener = new(IPAddress.Loopback, port);
        listener.Start();
    }
}
