using System.Management.Automation;
using System.Reflection;

namespace PSSecureChat.ModuleTests;

/// <summary>Every failure that can be told, whether or not a test here meets it, says what to do next.</summary>
public sealed class ErrorRecordTests : IDisposable
{
    private readonly Session _session = Session.Start();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("PSSecureChat", "PSSecureChat.Internal.ChatErrors")]
    [InlineData("PSSecureChat.Engine", "PSSecureChat.Engine.ChatErrors")]
    public void Every_failure_has_a_sentence_and_a_way_out(string assembly, string factories)
    {
        _session.Run("$server = Start-ChatServer 127.0.0.1 0 alice -Ephemeral"); // only now is the engine there
        MethodInfo[] makers = [.. Loaded(assembly).GetType(factories, throwOnError: true)!
            .GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(static method => method.ReturnType.Name == "ChatException")];

        Assert.NotEmpty(makers);
        foreach (MethodInfo maker in makers)
        {
            Exception failure = (Exception)maker.Invoke(null, [.. maker.GetParameters().Select(Example)])!;
            Assert.False(string.IsNullOrWhiteSpace(failure.Message), $"{maker.Name} says nothing");
            string recommendation = (string)failure.GetType().GetProperty("Recommendation")!.GetValue(failure)!;
            Assert.True(recommendation.Length > 10 && (recommendation.EndsWith('.') || recommendation.Contains(": ", StringComparison.Ordinal)), $"{maker.Name}: {recommendation}");
        }
    }

    // But the one for what nobody has foreseen.
    [Fact]
    public void Every_error_id_has_a_category()
    {
        MethodInfo category = Loaded("PSSecureChat").GetType("PSSecureChat.Internal.ChatErrors")!.GetMethod("Category", BindingFlags.Static | BindingFlags.NonPublic)!;
        Type ids = category.GetParameters()[0].ParameterType;

        Assert.Equal(["EngineFailure"], Enum.GetValues(ids).Cast<object>().Where(id => (ErrorCategory)category.Invoke(null, [id])! == ErrorCategory.NotSpecified).Select(static id => id.ToString()));
    }

    private static Assembly Loaded(string name) => AppDomain.CurrentDomain.GetAssemblies().First(assembly => assembly.GetName().Name == name);

    private object? Example(ParameterInfo parameter)
    {
        Type type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        return type == typeof(string) ? "example"
            : type == typeof(Exception) ? new InvalidOperationException("example")
            : type.IsSubclassOf(typeof(Exception)) ? Activator.CreateInstance(type)
            : type.Name == "ChatServer" ? ((PSObject)_session.Runspace.SessionStateProxy.GetVariable("server")).BaseObject
            : type.Name is "ChatMessage" or "ChatTransfer" or "ChatPeer" ? OfBob(type)
            : type.IsValueType ? Activator.CreateInstance(type)
            : typeof(System.Collections.IEnumerable).IsAssignableFrom(type) ? Array.CreateInstance(type.IsArray ? type.GetElementType()! : type.GetGenericArguments()[0], 0)
            : null;
    }

    private static object OfBob(Type type)
    {
        object one = System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(type);
        type.GetProperty("Peer")?.SetValue(one, "bob");
        type.GetProperty("Server")!.SetValue(one, "alice");
        type.GetProperty("Name")?.SetValue(one, "report.txt");
        return one;
    }
}
