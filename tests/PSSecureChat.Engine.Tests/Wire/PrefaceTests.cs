using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Wire;

public class PrefaceTests
{
    [Fact]
    public void The_prefaces_are_those_of_the_specification()
    {
        Assert.Equal("5053534301010000", Convert.ToHexString(Preface.Bytes));
        Assert.Equal("5053534301020000", Convert.ToHexString(Preface.Invited));
        Assert.Equal([.. "PSSecureChat/1"u8, .. Preface.Bytes], Preface.Prologue());
        Assert.Equal([.. "PSSecureChat/1"u8, .. Preface.Invited], Preface.Prologue(Preface.Invited));
    }

    [Theory]
    [InlineData("50535343", true)]
    [InlineData("5053534302020202", true)]
    [InlineData("505353", false)]
    [InlineData("", false)]
    [InlineData("5053534101010000", false)]
    [InlineData("0000000001010000", false)]
    public void Four_bytes_tell_another_version_from_another_program(string hex, bool ours) =>
        Assert.Equal(ours, Preface.IsOurs(Convert.FromHexString(hex)));
}
