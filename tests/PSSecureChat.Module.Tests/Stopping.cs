using System.Data.Common;
using System.Management.Automation;
using System.Runtime.Loader;

namespace PSSecureChat.ModuleTests;

/// <summary>Ctrl+C, as the tests press it.</summary>
internal static class Stopping
{
    /// <summary>How long a stop may take: 200 ms on a machine that does nothing else, and far less than what is waited for.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    /// <summary>Runs a script, stops it once its thread rests in a wait, and makes sure that it ends at once. It may emit as many objects before.</summary>
    public static void AssertStops(this Session session, string script, int emits = 0)
    {
        using PowerShell shell = session.Shell($"[System.Threading.Thread]::CurrentThread; {script}");
        using PSDataCollection<PSObject> output = [];
        IAsyncResult running = shell.BeginInvoke<PSObject, PSObject>(null, output);
        int rests = 0;
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                {
                    rests = output.Count == 1 + emits && ((Thread)output[0].BaseObject).ThreadState.HasFlag(ThreadState.WaitSleepJoin) ? rests + 1 : 0;
                    return rests == 20 || running.IsCompleted; // twenty looks in a row: no lock is waited for so long
                },
                Session.Limit),
            "it does not come to wait");
        if (running.IsCompleted)
        {
            Assert.Fail($"it does not wait: {string.Join('\n', shell.Streams.Error)} {shell.InvocationStateInfo.Reason}");
        }

        long start = Environment.TickCount64;
        shell.Stop();

        Assert.InRange(Environment.TickCount64 - start, 0, (long)Bound.TotalMilliseconds);
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        Assert.Equal(1 + emits, output.Count);
    }

    /// <summary>Keeps the database of a store from being written, until it is disposed: whoever writes waits up to ten seconds.</summary>
    public static DbConnection Hold(string store)
    {
        // The engine's own SQLite, because there is no other here.
        Type type = AssemblyLoadContext.All.Single(static context => context.Name == "PSSecureChat").Assemblies
            .Single(static assembly => assembly.GetName().Name == "Microsoft.Data.Sqlite").GetType("Microsoft.Data.Sqlite.SqliteConnection", throwOnError: true)!;
        DbConnection connection = (DbConnection)Activator.CreateInstance(type, $"Data Source={Path.Combine(store, "store.db")};Pooling=False")!;
        connection.Open();
        using DbCommand command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        command.ExecuteNonQuery();
        return connection;
    }
}
